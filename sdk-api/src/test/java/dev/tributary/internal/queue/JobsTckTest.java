package dev.tributary.internal.queue;

import dev.tributary.Tributary;
import dev.tributary.config.ClientConfig;
import dev.tributary.internal.FakeTransport;
import dev.tributary.queue.Job;
import dev.tributary.queue.JobsOptions;
import java.util.concurrent.Flow;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowPublisherVerification;

/** The rules of Reactive Streams, checked by their own kit. Run by TestNG on the JUnit platform. */
public final class JobsTckTest extends FlowPublisherVerification<Job<byte[]>> {
  public JobsTckTest() {
    super(new TestEnvironment(1000, 50), 200);
  }

  @Override
  public Flow.Publisher<Job<byte[]>> createFlowPublisher(long elements) {
    return client((int) Math.min(elements, 10_000)).queue("tck").jobs(JobsOptions.DEFAULT);
  }

  /** Jobs do not come to an end. */
  @Override
  public long maxElementsFromPublisher() {
    return publisherUnableToSignalOnComplete();
  }

  @Override
  public Flow.Publisher<Job<byte[]>> createFailedFlowPublisher() {
    Tributary client = client(0);
    Flow.Publisher<Job<byte[]>> jobs = client.queue("tck").jobs(JobsOptions.DEFAULT);
    client.close();
    return jobs;
  }

  private static Tributary client(int ready) {
    FakeTransport transport = new FakeTransport();
    new FakeQueue(transport).add(ready);
    return transport.client(ClientConfig.builder("fake").build());
  }
}
