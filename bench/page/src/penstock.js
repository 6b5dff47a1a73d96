import "katex/dist/katex.min.css";
import { MdStream } from "../../../web/src/text/md-stream";
import { offer } from "./replay";

offer((root) => {
  const stream = new MdStream(root);
  return (text, isDone) => stream.set(text, isDone);
});
