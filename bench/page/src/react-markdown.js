import { createElement } from "react";
import Markdown from "react-markdown";
import remarkGfm from "remark-gfm";
import { offerReact } from "./react-root";

const remarkPlugins = [remarkGfm];
offerReact((text) => createElement(Markdown, { remarkPlugins }, text));
