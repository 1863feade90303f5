package dev.tributary.testkit.server.internal.http;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;

/** How many HTTP requests a server has answered. Thread-safe. */
public final class RequestCounts {
  /** Labels are bounded, whatever methods clients make up. */
  private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS");

  private final Map<String, LongAdder> answered = new ConcurrentSkipListMap<>();

  /** One more. */
  public void answered(String method, int status) {
    String labels = "method=\"" + (METHODS.contains(method) ? method : "OTHER") + "\",code=\"" + status + '"';
    answered.computeIfAbsent(labels, unknown -> new LongAdder()).increment();
  }

  /** Writes them as a counter of this name. */
  public void write(MetricsText text, String name) {
    text.counter(name, "HTTP requests that were answered, by method and status.");
    answered.forEach((labels, requests) -> text.sample(name, labels, requests.sum()));
  }
}
