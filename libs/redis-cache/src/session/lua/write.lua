-- Writes some fields of a session that lives, and leaves the others alone.
-- KEYS[1] session   KEYS[2] gate of the bucket; followed by the user, that of the user
-- KEYS[3] what the index of a user begins with
-- ARGV[1] id in the bucket   ARGV[2] idle timeout in ms   ARGV[3] absolute timeout in ms
-- ARGV[4] how long after it was last noted use need not be noted again, in ms
-- ARGV[5] version the writer has read, '' = any   ARGV[6] packed list of fields to set: name, value, …
-- ARGV[7] packed list of fields to remove   ARGV[8] greatest size in bytes
-- Reply: {'written'} | {'conflict'} | {'too-large', bytes} | {'moved', id} | {'frozen'} | {'gone'} | {'unknown'}
-- @include clock
-- @include generation
-- @include packed-list
-- @include session
-- @include index
-- @include expiry
-- @include fields
local session, gate, index = KEYS[1], KEYS[2], KEYS[3]
local id, expected = ARGV[1], ARGV[5]
local timeouts = { idle = tonumber(ARGV[2]), absolute = tonumber(ARGV[3]), touch_every = tonumber(ARGV[4]) }
local set, unset, max_size = unpack_list(ARGV[6]), unpack_list(ARGV[7]), tonumber(ARGV[8])
local head = string.sub(session, 1, #session - #id)

local state, user, next_id = open_session(session, head, gate)
if state == 'moved' then return { state, next_id } end
if state ~= 'live' then return { state } end
if expected ~= '' and expected ~= redis.call('HGET', session, 'version') then return { 'conflict' } end

local size, fits = write_fields(session, set, unset, max_size)
if not fits then return { 'too-large', size } end
redis.call('HINCRBY', session, 'version', 1)
return { keep_alive(session, index, id, user, timeouts) and 'written' or 'gone' }
