package dev.tributary.engine;

import dev.tributary.error.ConflictException;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.NewJob;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a queue stored lately, by deduplication id and by the number of its producer. Used inside the gate. */
final class KnownJobs {
  private final DedupWindow<String, EnqueueResult> byId;
  private final ProducerWindow byNumber;

  KnownJobs(Clock clock, Duration length) {
    byId = new DedupWindow<>(clock, length);
    byNumber = new ProducerWindow(clock, length);
  }

  /** The answer to a job that is known, or null. */
  @Nullable EnqueueResult duplicate(NewJob<byte[]> job) {
    EnqueueResult sameId = byId.find(job.deduplicationId());
    EnqueueResult before = sameId == null ? byNumber.find(job.producerSequence()) : sameId;
    return before == null ? null : new EnqueueResult(before.id(), before.sequence(), true, before.partition());
  }

  /** Why this job, which is not known, is refused; or null. */
  @Nullable ConflictException refusal(NewJob<byte[]> job) {
    return byNumber.refusal(job.producerSequence());
  }

  /** Refuses jobs of which, if they were stored in this order, one would be refused. */
  void requireCurrent(List<NewJob<byte[]>> batch) {
    byNumber.requireCurrent(
        batch.stream()
            .filter(job -> job.producerSequence() != null && duplicate(job) == null)
            .map(NewJob::producerSequence)
            .toList());
  }

  void remember(NewJob<byte[]> job, EnqueueResult stored) {
    byId.remember(job.deduplicationId(), stored);
    byNumber.remember(job.producerSequence(), stored);
  }
}
