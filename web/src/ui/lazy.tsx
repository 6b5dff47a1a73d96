import { type ComponentType, h } from "preact";
import { useEffect, useState } from "preact/hooks";

/** A component whose code is fetched when it is first shown; nothing until then, and nothing when it cannot be had. */
export function lazy<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  let loaded: ComponentType<Props> | null = null;
  return (props: Props) => {
    const [component, setComponent] = useState<{ shown: ComponentType<Props> } | null>(null);
    useEffect(() => {
      if (loaded !== null) return;
      load().then(
        (shown) => {
          loaded = shown;
          setComponent({ shown });
        },
        () => undefined,
      );
    }, []);
    const shown = component?.shown ?? loaded;
    return shown === null ? null : h(shown, props);
  };
}
