package dev.tributary.examples.bench;

/** What all subjects use. */
public final class Names {
  public static final String TENANT = "default";
  public static final String NAMESPACE = "default";
  public static final String STREAM = "bench-events";
  public static final String QUEUE = "bench-jobs";
  public static final String STORE = "bench-state";
  public static final String KEY = "key";

  private Names() {}
}
