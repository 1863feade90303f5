package dev.tributary.examples.bench;

import java.util.List;

/** What all subjects use. */
public final class Names {
  public static final String TENANT = "default";
  public static final String NAMESPACE = "default";
  public static final String STREAM = "bench-events";
  /** On a client of four connections each has one of its own. */
  public static final List<String> FOUR_STREAMS = List.of(STREAM, "bench-eventt", "bench-eventu", "bench-eventv");
  /** Of whose messages a tenth is {@link Work#TENTH}. */
  public static final String MIXED_STREAM = "bench-mixed";
  public static final String QUEUE = "bench-jobs";
  public static final String STORE = "bench-state";
  public static final String KEY = "key";

  private Names() {}
}
