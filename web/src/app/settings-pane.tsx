// The settings: reads and sets what is kept in this browser.

import { useState } from "preact/hooks";
import { chooseLanguage, chosenLanguage, type Language } from "../strings/language";
import { lazy } from "../ui/lazy";
import type { ModelChoice } from "./model-choice";
import type { Preferences } from "./preferences";

const SettingsDialog = lazy(async () => (await import("../ui/settings-dialog")).SettingsDialog);

interface SettingsPaneProps {
  preferences: Preferences;
  models: ModelChoice;
  onClose(): void;
}

export function SettingsPane({ preferences, models, onClose }: SettingsPaneProps) {
  const { theme, display, sendKey } = preferences;
  const [language, setLanguage] = useState<string>(chosenLanguage(localStorage) ?? "system");
  return (
    <SettingsDialog
      theme={theme.value}
      language={language}
      display={display.value}
      sendKey={sendKey.value}
      model={models.of(null)?.id ?? null}
      models={models.all.value}
      onTheme={(chosen) => {
        theme.value = chosen;
      }}
      onLanguage={(chosen) => {
        setLanguage(chosen);
        void chooseLanguage(chosen === "system" ? null : (chosen as Language), localStorage);
      }}
      onDisplay={(chosen) => {
        display.value = chosen;
      }}
      onSendKey={(chosen) => {
        sendKey.value = chosen;
      }}
      onModel={(id) => models.choose(null, id)}
      onClose={onClose}
    />
  );
}
