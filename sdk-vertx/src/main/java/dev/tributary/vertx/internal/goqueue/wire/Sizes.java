package dev.tributary.vertx.internal.goqueue.wire;

/** What the server takes and gives at a time. */
public final class Sizes {
  /** The most messages that the server reads at a time, and that are put into one request. */
  public static final int PAGE = 1_000;

  /** What a request may have, all in all. */
  public static final int REQUEST_BYTES = 1 << 20;

  /** Bytes that are no text grow by a third, and share the request with their key and headers. */
  public static final int PAYLOAD_BYTES = REQUEST_BYTES / 4 * 3 - (8 << 10);

  private Sizes() {}
}
