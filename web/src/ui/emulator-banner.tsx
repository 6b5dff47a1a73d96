import { strings } from "../strings/language";

/** Says honestly that no model answers, and how to change that. */
export function EmulatorBanner() {
  return (
    <details class="banner">
      <summary>
        {strings().emulatorNotice} <span class="banner-more">{strings().emulatorMore}</span>
      </summary>
      <div class="banner-body">
        <p>{strings().emulatorSteps}</p>
        <pre>{strings().emulatorVariables}</pre>
        <p>{strings().emulatorOthers}</p>
      </div>
    </details>
  );
}
