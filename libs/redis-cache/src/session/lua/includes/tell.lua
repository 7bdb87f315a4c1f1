-- What a client is told of a session: name, value, … in one string of MessagePack, because each string of a reply costs more
-- than all of this.
local function tell(session)
  return cmsgpack.pack(redis.call('HGETALL', session))
end
