/** The text of bytes in base64; browsers and node have it. */
declare function atob(text: string): string;
