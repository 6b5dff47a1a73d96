import { createRoot } from 'react-dom/client';

import { Chat } from './chat.jsx';
import { loadConversation } from './history.js';
import './look.css';

// The conversation's id stands in the address, so that a reload, or another window, comes back to it.
const id = location.hash.slice(1) || crypto.randomUUID();
location.hash = id;

const { messages, isLive } = await loadConversation(id);
createRoot(document.getElementById('root')).render(<Chat id={id} kept={messages} isLive={isLive} />);
