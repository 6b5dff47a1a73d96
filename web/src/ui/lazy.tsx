// Components whose code comes later than the page: when they are first shown, or when the page has nothing else to do.

import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";

/** Until the network is back. */
const RETRY_MS = 2000;

interface LazyComponent<Props> {
  (props: Props): preact.JSX.Element | null;
  /** Brings the code before the component is shown, so that it is there at once. */
  fetch(): Promise<void>;
}

/** A component whose code `load` brings. Until it is there the stand-in is shown, or nothing. */
export function lazy<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  StandIn?: ComponentType<Props>,
): LazyComponent<Props> {
  let loaded: ComponentType<Props> | null = null;
  const fetch = async () => {
    loaded ??= await load();
  };
  function Lazy(props: Props) {
    const [Loaded, setLoaded] = useState(() => loaded);
    useEffect(() => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      let hasLeft = false;
      const show = () => {
        fetch().then(
          () => hasLeft || setLoaded(() => loaded),
          () => {
            if (!hasLeft) timer = setTimeout(show, RETRY_MS);
          },
        );
      };
      if (Loaded === null) show();
      return () => {
        hasLeft = true;
        clearTimeout(timer);
      };
    }, [Loaded]);
    const Shown = Loaded ?? StandIn;
    return Shown === undefined ? null : <Shown {...props} />;
  }
  return Object.assign(Lazy, { fetch });
}
