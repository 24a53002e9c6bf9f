-- Script for wrk. Adds the bearer token to each request. If BENCH_ACCOUNTS is set (account ids, separated by
-- spaces), each request is a POST of a new link, in one account after the other, under one of the BENCH_TAGS
-- tags ("tag 0", "tag 1", ...) that exist there. The threads use different accounts, unless there is one.
local thread_counter = 0

function setup(thread)
  thread:set("number", thread_counter)
  thread_counter = thread_counter + 1
end

function init()
  wrk.headers["Authorization"] = "Bearer " .. os.getenv("BENCH_TOKEN")
  run, count, accounts = os.getenv("BENCH_RUN"), 0, {}
  tags, threads = tonumber(os.getenv("BENCH_TAGS")), tonumber(os.getenv("BENCH_THREADS"))
  for account in (os.getenv("BENCH_ACCOUNTS") or ""):gmatch("%S+") do accounts[#accounts + 1] = account end
  if #accounts > 0 then
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/json"
  end
end

function request()
  if #accounts == 0 then return wrk.format() end
  count = count + 1
  local account = accounts[(count * threads + number) % #accounts + 1]
  return wrk.format(nil, nil, nil, string.format(
    '{"account_id":"%s","link":"https://example.org/%s/%d-%d","tag":"tag %d"}',
    account, run, number, count, count % tags))
end

function done(summary)
  local errors = summary.errors
  local lost = errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format("RESULT %d %d %d %d\n", summary.requests, summary.duration, errors.status, lost))
end
