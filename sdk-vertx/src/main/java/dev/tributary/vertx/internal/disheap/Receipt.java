package dev.tributary.vertx.internal.disheap;

import dev.tributary.spi.LeasedJob;

/**
 * What a job is settled with.
 *
 * @param node the endpoint that leased it, by its place among all: the others do not know the token
 * @param token the lease's
 */
record Receipt(int node, String token) {
  /** The one that this job came with. */
  static Receipt of(LeasedJob job) {
    String text = job.receipt();
    int end = text.indexOf(' ');
    return new Receipt(Integer.parseInt(text, 0, end, 10), text.substring(end + 1));
  }

  /** As the SPI carries it. */
  @Override
  public String toString() {
    return node + " " + token;
  }
}
