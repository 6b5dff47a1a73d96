// Every configured model with what is known of it. Arrows, Home, End and the first letters move among them.

import { strings } from "../strings/language";
import type { ModelInfo } from "../wire/types/conversations";
import { DoneIcon, DownIcon } from "./icons";
import { Menu } from "./menu";

interface ModelPickerProps {
  models: readonly ModelInfo[];
  chosen: ModelInfo | null;
  onChoose(modelId: string): void;
}

const PROVIDERS: Readonly<Record<string, string>> = {
  azure_openai: "Azure OpenAI",
  openai: "OpenAI",
  anthropic: "Anthropic",
  deepseek: "DeepSeek",
  ollama: "Ollama",
};

function providerOf(model: ModelInfo): string {
  if (model.is_emulated) return strings().bundledEmulator;
  return PROVIDERS[model.provider] ?? model.provider;
}

function factsOf(model: ModelInfo): string[] {
  const facts: string[] = [];
  if (model.context_window !== undefined)
    facts.push(strings().contextSize(Math.round(model.context_window / 1000)));
  const { input_usd, output_usd } = model.prices ?? {};
  if (input_usd !== undefined && output_usd !== undefined) {
    facts.push(strings().prices(input_usd, output_usd));
  } else if (!model.is_emulated) {
    facts.push(strings().pricesUnknown);
  }
  return facts;
}

/** What it can do beside text. */
function Abilities({ model }: { model: ModelInfo }) {
  const names = strings().abilities;
  const shown = (model.capabilities ?? []).flatMap((name) =>
    name in names ? [names[name as keyof typeof names]] : [],
  );
  if (shown.length === 0) return null;
  return (
    <span class="abilities">
      {shown.map((name) => (
        <span key={name} class="ability">
          {name}
        </span>
      ))}
    </span>
  );
}

/** Groups in the order in which the providers come. */
function byProvider(models: readonly ModelInfo[]): [string, ModelInfo[]][] {
  const groups = new Map<string, ModelInfo[]>();
  for (const model of models) {
    const provider = providerOf(model);
    groups.set(provider, [...(groups.get(provider) ?? []), model]);
  }
  return [...groups];
}

/** The models as the items of a menu. */
export function ModelItems({ models, chosen, onChoose }: ModelPickerProps) {
  return (
    <>
      {byProvider(models).map(([provider, group]) => (
        <fieldset key={provider} class="menu-group">
          <legend>{provider}</legend>
          {group.map((model) => (
            <button
              type="button"
              key={model.id}
              role="menuitemradio"
              aria-checked={model.id === chosen?.id}
              class="menu-item"
              onClick={() => onChoose(model.id)}
            >
              <span class="menu-words">
                <span>{model.name}</span>
                <small>{factsOf(model).join(" · ")}</small>
                <Abilities model={model} />
              </span>
              {model.id === chosen?.id && <DoneIcon />}
            </button>
          ))}
        </fieldset>
      ))}
    </>
  );
}

export function ModelPicker(props: ModelPickerProps) {
  const { chosen } = props;
  if (chosen === null) return <span class="picker-empty">{strings().noModel}</span>;
  return (
    <Menu
      label={strings().modelLabel(chosen.name)}
      class="picker"
      summary={
        <>
          <span class="picker-name">{chosen.name}</span>
          <DownIcon />
        </>
      }
    >
      <ModelItems {...props} />
    </Menu>
  );
}
