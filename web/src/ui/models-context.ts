import { createContext } from "preact";
import type { ModelInfo } from "../wire/types/conversations";

/** The models that can be asked. A context, for messages are not rendered again when the list comes. */
export const ModelsContext = createContext<readonly ModelInfo[]>([]);
