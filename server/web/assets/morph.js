// @ts-check

/**
 * Makes an element like another one by changing only what differs: so focus, selection, places that were scrolled to and
 * opened details stay.
 *
 * @param {Element} mine
 * @param {Element} fresh
 */
export function morph(mine, fresh) {
  if (mine.isEqualNode(fresh)) return;
  copyAttributes(mine, fresh);
  const own = [...mine.childNodes];
  const byId = new Map(own.flatMap((node) => (node instanceof Element && node.id ? [[node.id, node]] : [])));
  /** @type {ChildNode | null} */
  let place = mine.firstChild;
  for (const next of [...fresh.childNodes]) {
    const match = (next instanceof Element && next.id && byId.get(next.id)) || place;
    if (match && isAlike(match, next)) {
      if (match === place) place = place.nextSibling;
      else move(mine, match, place);
      exchange(match, next);
    } else {
      mine.insertBefore(document.importNode(next, true), place);
    }
  }
  while (place) {
    const gone = place;
    place = place.nextSibling;
    gone.remove();
  }
}

/**
 * Where the browser can, an element keeps its focus while it moves.
 *
 * @param {Element & { moveBefore?: (node: Node, before: Node | null) => void }} parent
 * @param {ChildNode} node
 * @param {ChildNode | null} before
 */
function move(parent, node, before) {
  if (parent.moveBefore) parent.moveBefore(node, before);
  else parent.insertBefore(node, before);
}

/**
 * @param {ChildNode} mine
 * @param {ChildNode} fresh
 */
function exchange(mine, fresh) {
  if (mine instanceof Element && fresh instanceof Element) morph(mine, fresh);
  else if (mine.nodeValue !== fresh.nodeValue) mine.nodeValue = fresh.nodeValue;
}

/**
 * @param {ChildNode} mine
 * @param {ChildNode} fresh
 */
function isAlike(mine, fresh) {
  if (mine.nodeName !== fresh.nodeName) return false;
  return !(mine instanceof Element && fresh instanceof Element) || mine.id === fresh.id;
}

/** What people have changed on the page is theirs. */
const kept = ['open', 'value', 'checked', 'aria-expanded'];

/**
 * @param {Element} mine
 * @param {Element} fresh
 */
function copyAttributes(mine, fresh) {
  for (const { name } of [...mine.attributes])
    if (!fresh.hasAttribute(name) && !kept.includes(name)) mine.removeAttribute(name);
  for (const { name, value } of fresh.attributes)
    if (mine.getAttribute(name) !== value && !(kept.includes(name) && mine.hasAttribute(name)))
      mine.setAttribute(name, value);
}
