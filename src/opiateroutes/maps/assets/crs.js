/* Lambert azimuthal equal-area projection for Leaflet: areas are true, and the trunk routes lie near the centre. */
(function (A) {
  "use strict";

  const RADIUS = 6371008.8;
  const RADIAN = Math.PI / 180;

  function equalArea(lon0, lat0) {
    const sin0 = Math.sin(lat0 * RADIAN);
    const cos0 = Math.cos(lat0 * RADIAN);
    return {
      project(lon, lat) {
        const turn = (lon - lon0) * RADIAN;
        const sin = Math.sin(lat * RADIAN);
        const cos = Math.cos(lat * RADIAN);
        /* The point opposite the centre has no image; stay a hair away from it. */
        const scale = RADIUS * Math.sqrt(2 / Math.max(1e-6, 1 + sin0 * sin + cos0 * cos * Math.cos(turn)));
        return [scale * cos * Math.sin(turn), scale * (cos0 * sin - sin0 * cos * Math.cos(turn))];
      },
      unproject(x, y) {
        const rho = Math.hypot(x, y);
        if (rho < 1e-6) return [lon0, lat0];
        const angle = 2 * Math.asin(Math.min(1, rho / (2 * RADIUS)));
        const sin = Math.sin(angle);
        const cos = Math.cos(angle);
        const lat = Math.asin(Math.max(-1, Math.min(1, cos * sin0 + (y * sin * cos0) / rho)));
        const lon = Math.atan2(x * sin, rho * cos0 * cos - y * sin0 * sin);
        return [lon0 + lon / RADIAN, lat / RADIAN];
      },
    };
  }

  function leafletCrs(L) {
    const plane = equalArea(55, 36);
    const size = 4 * RADIUS;
    return L.extend({}, L.CRS.Earth, {
      code: "LAEA-55E-36N",
      infinite: true,
      wrapLng: undefined,
      transformation: new L.Transformation(1 / size, 0.5, -1 / size, 0.5),
      projection: {
        R: RADIUS,
        bounds: new L.Bounds([-size / 2, -size / 2], [size / 2, size / 2]),
        project: (place) => new L.Point(...plane.project(place.lng, place.lat)),
        unproject: (point) => new L.LatLng(...plane.unproject(point.x, point.y).reverse()),
      },
    });
  }

  A.crs = { equalArea, leafletCrs, SIZE: 4 * RADIUS };
})((globalThis.OpiateAtlas = globalThis.OpiateAtlas || {}));
