import { createContext } from "preact";

/** Whether Enter sends and Shift+Enter is a new line, or Enter is a new line and Ctrl (Cmd) with Enter sends. */
export type SendKey = "enter" | "modified";

export const SendKeyContext = createContext<SendKey>("enter");
