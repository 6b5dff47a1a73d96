import { createRoot } from "react-dom/client";
import { offer } from "./replay";

/** Offers a replay through React; `element(text, isDone)` gives what is rendered. */
export function offerReact(element) {
  offer((host) => {
    const root = createRoot(host);
    return (text, isDone) => root.render(element(text, isDone));
  });
}
