// A page that shows how things stand says so once it is old: it is not made anew by itself.
//
//   <div data-old-after="300"><template>what is said then</template></div>    in seconds since the page was opened
//
// By the clock and not by a count of seconds: a machine that slept has counted none.
"use strict";

const LOOK_MILLISECONDS = 15_000;

for (const place of document.querySelectorAll("[data-old-after]")) {
  const opened = Date.now();
  const looking = setInterval(() => {
    if (Date.now() - opened < place.dataset.oldAfter * 1000) return;
    clearInterval(looking);
    place.append(place.querySelector("template").content.cloneNode(true));
  }, LOOK_MILLISECONDS);
}
