import { createContext } from "preact";
import type { TextDisplay } from "../text/text-view";

/** How this person wants text to come. */
export const DisplayContext = createContext<TextDisplay>("smooth");
