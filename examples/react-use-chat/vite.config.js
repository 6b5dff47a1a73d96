import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// The page's calls go to Penstock by way of this server: for the browser they are of the page's own origin.
const penstock = process.env.PENSTOCK_URL ?? 'http://127.0.0.1:8000';

export default defineConfig({
  plugins: [react()],
  server: { proxy: { '/api': penstock } },
});
