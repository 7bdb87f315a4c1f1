-- The layout is described in core/codec/envelope.ts.
local VERSION, NEVER, FIXED_BLOCK_BYTES = 1, 281474976710655, 26

local function envelope(flags, now, ttl, load_duration, tags)
  local ends = ttl == 0 and NEVER or now + ttl
  return struct.pack('>BBI6I6I6I4I2', VERSION, flags, now, ends, ends, load_duration, #tags) .. tags
end

-- The tags of an entry, separated by NUL; '' when it is not there, has none, or has no envelope.
local function tags_of(entry)
  local head = redis.call('GETRANGE', entry, 0, FIXED_BLOCK_BYTES - 1)
  if #head < FIXED_BLOCK_BYTES or string.byte(head) ~= VERSION then return '' end
  local length = struct.unpack('>I2', head, FIXED_BLOCK_BYTES - 1)
  if length == 0 then return '' end
  return redis.call('GETRANGE', entry, FIXED_BLOCK_BYTES, FIXED_BLOCK_BYTES + length - 1)
end

-- An entry without an envelope is fresh as long as it is there. What was created before the server's start may have been
-- evicted since: it came from a file, or from another server.
local function is_fresh(entry_value, now, server_start)
  if #entry_value < FIXED_BLOCK_BYTES or string.byte(entry_value) ~= VERSION then return true end
  return struct.unpack('>I6', entry_value, 9) > now and struct.unpack('>I6', entry_value, 3) >= server_start
end

-- A remembered error is no value; see core/codec/envelope.ts.
local function holds_value(entry_value)
  return string.byte(entry_value) ~= VERSION or (string.byte(entry_value, 2) or 0) < 128
end
