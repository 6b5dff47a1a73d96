import "katex/dist/katex.min.css";
import { createElement } from "react";
import Markdown from "react-markdown";
import rehypeHighlight from "rehype-highlight";
import rehypeKatex from "rehype-katex";
import remarkGfm from "remark-gfm";
import remarkMath from "remark-math";
import { offerReact } from "./react-root";

const remarkPlugins = [remarkGfm, remarkMath];
const rehypePlugins = [rehypeHighlight, rehypeKatex];
offerReact((text) => createElement(Markdown, { remarkPlugins, rehypePlugins }, text));
