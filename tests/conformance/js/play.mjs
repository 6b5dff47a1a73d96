// Plays scenarios side by side and prints their outcomes as JSON, with whatever nobody caught.

export async function play(scenarios) {
  const uncaught = [];
  process.on('unhandledRejection', (error) => uncaught.push(String(error?.stack ?? error)));
  process.on('uncaughtException', (error) => uncaught.push(String(error?.stack ?? error)));
  const outcomes = await Promise.all(Object.entries(scenarios).map(playOne));
  console.log(JSON.stringify({ ...Object.fromEntries(outcomes), uncaught }));
  process.exit(0);
}

async function playOne([name, run]) {
  try {
    return [name, await run()];
  } catch (error) {
    return [name, { thrown: String(error?.stack ?? error) }];
  }
}

// The models whose answers end otherwise than well, by the name of the scenario.
export const ENDINGS = {
  wrong_key: 'fault-401',
  blocked_prompt: 'fault-filter-classic',
  error_in_mid_stream: 'fault-error-frame',
  no_finish: 'fault-no-finish',
  cut: 'fault-cut-fin',
  reset: 'fault-cut-rst',
  filtered: 'fault-filter-inline',
  filtered_late: 'fault-filter-async',
};

export function endings(ask) {
  return Object.fromEntries(Object.entries(ENDINGS).map(([name, model]) => [name, () => ask('count 60', { model })]));
}
