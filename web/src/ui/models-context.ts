import { createContext } from "preact";
import type { ModelInfo } from "../wire/events";

/** The models that can be asked. A context, for messages are not rendered again when the list comes. */
export const ModelsContext = createContext<readonly ModelInfo[]>([]);
