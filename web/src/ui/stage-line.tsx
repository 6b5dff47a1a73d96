import { stageWords } from "../chat/stage";
import type { Turn } from "../chat/turn";
import { strings } from "../strings/language";
import { useSeconds } from "./use-seconds";

function wordsOf(turn: Turn): string {
  if (turn.phase === "stopping") return turn.isStopUnheard ? strings().stopUnheard : strings().stopping;
  if (turn.connection === "reconnecting") return strings().reconnecting;
  return stageWords(turn.stage);
}

/** What happens before and between the words, with its time: never a dead screen. */
export function StageLine({ turn }: { turn: Turn }) {
  const seconds = useSeconds(turn.stage.since, true);
  return (
    <p class="stage">
      <span class="pulse" aria-hidden="true" />
      <span>{wordsOf(turn)}</span>
      {seconds > 0 && <span class="stage-time">{strings().seconds(seconds)}</span>}
    </p>
  );
}
