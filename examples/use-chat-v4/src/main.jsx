import { createRoot } from 'react-dom/client';

import { Chat } from './chat.jsx';
import './look.css';

createRoot(document.getElementById('root')).render(<Chat />);
