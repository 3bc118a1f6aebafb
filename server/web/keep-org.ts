/** A path of the dashboard with the org that the operator has chosen, where it names none itself. */
export function keepOrg(path: string, org: string | undefined): string {
  if (!org) return path;
  const [place = '', mark = ''] = path.split('#', 2);
  if (/[?&]org=/.test(place)) return path;
  const query = `${place.includes('?') ? '&' : '?'}${new URLSearchParams({ org })}`;
  return `${place}${query}${mark && `#${mark}`}`;
}
