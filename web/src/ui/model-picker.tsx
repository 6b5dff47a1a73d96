import { strings } from "../strings/language";
import type { ModelInfo } from "../wire/events";
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
  deepseek: "DeepSeek",
  ollama: "Ollama",
};

function describe(model: ModelInfo): string {
  const facts = [
    model.is_emulated ? strings().bundledEmulator : (PROVIDERS[model.provider] ?? model.provider),
  ];
  if (model.context_window !== undefined)
    facts.push(strings().contextSize(Math.round(model.context_window / 1000)));
  const { input_usd, output_usd } = model.prices ?? {};
  if (input_usd !== undefined && output_usd !== undefined) {
    facts.push(strings().prices(input_usd, output_usd));
  }
  return facts.join(" · ");
}

export function ModelPicker({ models, chosen, onChoose }: ModelPickerProps) {
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
      {models.map((model) => (
        <button
          type="button"
          key={model.id}
          role="menuitemradio"
          aria-checked={model.id === chosen.id}
          class="menu-item"
          onClick={() => onChoose(model.id)}
        >
          <span class="menu-words">
            <span>{model.name}</span>
            <small>{describe(model)}</small>
          </span>
          {model.id === chosen.id && <DoneIcon />}
        </button>
      ))}
    </Menu>
  );
}
