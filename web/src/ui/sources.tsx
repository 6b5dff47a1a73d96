// What the answer stands on.

import { strings } from "../strings/language";
import type { SourcePart } from "../wire/types/messages";

function addressOf({ url }: SourcePart): string | null {
  return url !== undefined && /^https?:\/\//i.test(url) ? url : null;
}

export function Sources({ sources }: { sources: readonly SourcePart[] }) {
  if (sources.length === 0) return null;
  const known = new Map(sources.map((source) => [source.url ?? source.source_id, source]));
  return (
    <section class="sources" aria-label={strings().sources}>
      <h3>{strings().sources}</h3>
      <ol>
        {[...known].map(([key, source]) => {
          const address = addressOf(source);
          const words = source.title ?? source.url ?? source.source_id;
          return (
            <li key={key}>
              {address === null ? (
                words
              ) : (
                <a href={address} target="_blank" rel="noopener noreferrer nofollow">
                  {words}
                </a>
              )}
            </li>
          );
        })}
      </ol>
    </section>
  );
}
