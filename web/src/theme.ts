// theme.ts - applies the chosen theme and language before the first paint, so that nothing flashes
// SPDX-License-Identifier: Apache-2.0
const root = document.documentElement;
const theme = localStorage.getItem("theme");
if (theme === "light" || theme === "dark") root.dataset.theme = theme;
root.lang = localStorage.getItem("language") ?? (navigator.language.startsWith("ja") ? "ja" : "en");
