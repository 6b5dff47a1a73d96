// Makes images as small as models look at them. A photograph loses with that where it was taken.

const LONGEST_PX = 2048;
const LARGE_BYTES = 1_500_000;
const QUALITY = 0.86;
const SHRINKABLE = new Set(["image/jpeg", "image/png", "image/webp"]);

/** Gives a smaller copy, or the image itself when there is nothing to gain or this browser cannot read it. */
export async function shrinkImage(file: File): Promise<Blob> {
  if (!SHRINKABLE.has(file.type)) return file;
  try {
    const bitmap = await createImageBitmap(file);
    const scale = Math.min(1, LONGEST_PX / Math.max(bitmap.width, bitmap.height));
    // JPEG is what cameras write, with the place and the time beside the picture.
    if (scale === 1 && file.size <= LARGE_BYTES && file.type !== "image/jpeg") return file;
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(bitmap.width * scale);
    canvas.height = Math.round(bitmap.height * scale);
    const type = file.type === "image/png" ? "image/webp" : file.type;
    canvas.getContext("2d")?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    const shrunk = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, type, QUALITY));
    return shrunk ?? file;
  } catch {
    return file;
  }
}
