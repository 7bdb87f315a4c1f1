-- A lease is a hash: token, kind (load | put), counter and epoch of the tag log, who holds it and since when, and a field
-- "w" + channel for each process that waits, whose value is the command that reaches it.
local function end_lease(lease)
  local fields = redis.call('HGETALL', lease)
  if #fields == 0 then return end
  redis.call('UNLINK', lease)
  for at = 1, #fields, 2 do
    if string.byte(fields[at]) == 119 then
      -- A publication that is refused (access list) must not end a script half-way: waiters then go by the clock.
      redis.pcall(fields[at + 1], string.sub(fields[at], 2), lease)
    end
  end
end
