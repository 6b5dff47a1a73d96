// The page's words in English: the list of all that there are. A key is the same in every language.

import { chats } from "./english/chats";
import { page } from "./english/page";
import { troubles } from "./english/troubles";
import { turns } from "./english/turns";

export const english = { ...page, ...chats, ...turns, ...troubles };

export type Strings = typeof english;
