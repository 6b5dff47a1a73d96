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
  emulator: "Emulator",
};

function describe(model: ModelInfo): string {
  const facts = [model.is_emulated ? "Bundled emulator" : (PROVIDERS[model.provider] ?? model.provider)];
  if (model.context_window !== undefined) facts.push(`${Math.round(model.context_window / 1000)}k context`);
  const { input_usd, output_usd } = model.prices ?? {};
  if (input_usd !== undefined && output_usd !== undefined) {
    facts.push(`$${input_usd} in, $${output_usd} out per million tokens`);
  }
  return facts.join(" · ");
}

export function ModelPicker({ models, chosen, onChoose }: ModelPickerProps) {
  if (chosen === null) return <span class="picker-empty">No model</span>;
  return (
    <Menu
      label={`Model: ${chosen.name}`}
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
