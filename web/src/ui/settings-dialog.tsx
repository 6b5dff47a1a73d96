// What a person sets for this browser. Everything takes effect at once; there is nothing to save.

import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { strings } from "../strings/language";
import type { TextDisplay } from "../text/text-view";
import type { ModelInfo } from "../wire/types/conversations";
import { CloseIcon } from "./icons";
import type { SendKey } from "./send-key-context";

export type Theme = "system" | "light" | "dark";

interface Choice<Value extends string> {
  readonly value: Value;
  readonly label: string;
  readonly hint?: string;
}

export interface SettingsDialogProps {
  theme: Theme;
  language: string;
  display: TextDisplay;
  sendKey: SendKey;
  model: string | null;
  models: readonly ModelInfo[];
  onTheme(theme: Theme): void;
  onLanguage(language: string): void;
  onDisplay(display: TextDisplay): void;
  onSendKey(key: SendKey): void;
  onModel(modelId: string): void;
  onClose(): void;
}

interface ChoicesProps<Value extends string> {
  name: string;
  legend: string;
  choices: readonly Choice<Value>[];
  chosen: Value;
  onChoose(value: Value): void;
}

function Choices<Value extends string>({ name, legend, choices, chosen, onChoose }: ChoicesProps<Value>) {
  return (
    <fieldset class="setting">
      <legend>{legend}</legend>
      <div class="choices">
        {choices.map(({ value, label, hint }) => (
          <label key={value} class="choice">
            <input
              type="radio"
              name={name}
              value={value}
              checked={value === chosen}
              onChange={() => onChoose(value)}
            />
            <span>
              {label}
              {hint !== undefined && <small>{hint}</small>}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function Panel({ onClose, children }: { onClose(): void; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="dialog settings" aria-labelledby="settings-heading" onClose={onClose}>
      <div class="settings-head">
        <h2 id="settings-heading">{strings().settings}</h2>
        <button
          type="button"
          class="quiet"
          onClick={() => dialog.current?.close()}
          aria-label={strings().closeSettings}
        >
          <CloseIcon />
        </button>
      </div>
      {children}
    </dialog>
  );
}

export function SettingsDialog(props: SettingsDialogProps) {
  const words = strings().settingChoices;
  return (
    <Panel onClose={props.onClose}>
      <Choices
        name="theme"
        legend={strings().settingTheme}
        choices={words.theme}
        chosen={props.theme}
        onChoose={props.onTheme}
      />
      <Choices
        name="language"
        legend={strings().settingLanguage}
        choices={words.language}
        chosen={props.language}
        onChoose={props.onLanguage}
      />
      <Choices
        name="display"
        legend={strings().settingDisplay}
        choices={words.display}
        chosen={props.display}
        onChoose={props.onDisplay}
      />
      <Choices
        name="send-key"
        legend={strings().settingSendKey}
        choices={words.sendKey}
        chosen={props.sendKey}
        onChoose={props.onSendKey}
      />
      {props.models.length > 0 && (
        <label class="setting">
          <span class="setting-label">{strings().settingModel}</span>
          <select
            value={props.model ?? undefined}
            onChange={(event) => props.onModel(event.currentTarget.value)}
          >
            {props.models.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
    </Panel>
  );
}
