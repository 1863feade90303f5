package dev.tributary.queue;

import dev.tributary.error.InvalidRequestException;

/**
 * The number of a job among all that its producer enqueued into one queue. A job that comes again under the same number is not stored
 * again, and once a producer used a newer epoch, new numbers of an older one are refused: whoever still uses it was replaced.
 *
 * @param producer names the producer, 1 to 255 characters
 * @param epoch the producer's life, at least 1; the number begins anew with each
 * @param sequence the number, from 1
 */
public record ProducerSequence(String producer, long epoch, long sequence) {
  private static final int LONGEST = 255;

  public ProducerSequence {
    if (producer.isEmpty() || producer.length() > LONGEST) {
      throw InvalidRequestException.of(
          "a producer's name of " + producer.length() + " characters", "Give one of 1 to " + LONGEST);
    }
    if (epoch < 1 || sequence < 1) {
      throw InvalidRequestException.of("epoch " + epoch + " and sequence " + sequence + " of a producer", "Both count from 1");
    }
  }
}
