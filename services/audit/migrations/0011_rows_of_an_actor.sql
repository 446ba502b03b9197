-- What one person did, without reading the trail. What the system did by itself, which is most of it, stays out.
-- The newest come first by a number that no other index is in the order of: whoever did much, and long ago, would else
-- be looked for through everything since.
CREATE INDEX trail_actor ON trail (actor, (-seq)) WHERE actor <> 'system';
