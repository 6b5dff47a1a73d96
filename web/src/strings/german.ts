// Die Worte der Seite auf Deutsch.

import type { Strings } from "./english";
import { chats } from "./german/chats";
import { page } from "./german/page";
import { troubles } from "./german/troubles";
import { turns } from "./german/turns";

export const german: Strings = { ...page, ...chats, ...turns, ...troubles };
