/** Says honestly that no model answers, and how to change that. */
export function EmulatorBanner() {
  return (
    <details class="banner">
      <summary>
        Answers come from the bundled emulator. <span class="banner-more">How to connect a model</span>
      </summary>
      <div class="banner-body">
        <p>Stop the server, set these in its environment, and start it again:</p>
        <pre>
          {`AZURE_OPENAI_ENDPOINT=https://<resource>.openai.azure.com
AZURE_OPENAI_DEPLOYMENT=<deployment>
AZURE_OPENAI_API_KEY=<key>        # or leave it out and sign in with: az login`}
        </pre>
        <p>
          <code>OPENAI_API_KEY</code>, with <code>OPENAI_BASE_URL</code> for compatible services, works as
          well. <code>penstock doctor</code> tells what is missing.
        </p>
      </div>
    </details>
  );
}
