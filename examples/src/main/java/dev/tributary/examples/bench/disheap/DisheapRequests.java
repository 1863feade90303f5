package dev.tributary.examples.bench.disheap;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import dev.tributary.examples.bench.Names;
import dev.tributary.examples.bench.Operation;
import dev.tributary.examples.bench.Work;
import dev.tributary.vertx.internal.disheap.proto.AckReq;
import dev.tributary.vertx.internal.disheap.proto.EnqueueBatchReq;
import dev.tributary.vertx.internal.disheap.proto.EnqueueReq;
import dev.tributary.vertx.internal.disheap.proto.FlowControl;
import dev.tributary.vertx.internal.disheap.proto.PopFilter;
import dev.tributary.vertx.internal.disheap.proto.PopItem;
import dev.tributary.vertx.internal.disheap.proto.PopOpen;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/** The requests that hand-written clients send; built anew for every call, as a user would, and numbered as the SDK does. */
final class DisheapRequests {
  private final byte[] payload;
  private final String producer;
  private final long epoch = Instant.now().getEpochSecond();
  private final AtomicLong sequence = new AtomicLong();

  DisheapRequests(Work work, String producer) {
    this.payload = work.payload();
    this.producer = producer;
  }

  EnqueueReq enqueue() {
    return job().build();
  }

  EnqueueBatchReq enqueueBatch() {
    EnqueueBatchReq.Builder batch = EnqueueBatchReq.newBuilder();
    for (int i = 0; i < Operation.BATCH; i++) {
      batch.addRequests(job());
    }
    return batch.build();
  }

  PopOpen filter() {
    Duration lease = Duration.newBuilder().setSeconds(Work.LEASE.toSeconds()).build();
    return PopOpen.newBuilder().setFilter(PopFilter.newBuilder().setTopic(Names.QUEUE).setVisibilityTimeout(lease)).build();
  }

  PopOpen credits(int credits) {
    return PopOpen.newBuilder().setFlowControl(FlowControl.newBuilder().setCredits(credits)).build();
  }

  AckReq ack(PopItem job) {
    return AckReq.newBuilder()
        .setTopic(Names.QUEUE)
        .setMessageId(job.getMessageId())
        .setLeaseToken(job.getLeaseToken())
        .build();
  }

  private EnqueueReq.Builder job() {
    return EnqueueReq.newBuilder()
        .setTopic(Names.QUEUE)
        .setPayload(ByteString.copyFrom(payload))
        .setProducerId(producer)
        .setEpoch(epoch)
        .setSequence(sequence.incrementAndGet());
  }
}
