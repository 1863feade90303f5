package dev.tributary.internal.queue;

import dev.tributary.ResourceName;
import dev.tributary.Tributary;
import dev.tributary.config.ClientConfig;
import dev.tributary.internal.CountingSource;
import dev.tributary.internal.FakeTransport;
import dev.tributary.queue.Job;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.PushQueueTransport;
import dev.tributary.spi.Source;
import dev.tributary.spi.SourceObserver;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowPublisherVerification;
import org.testng.annotations.AfterClass;

/** The rules of Reactive Streams, checked by their own kit. Run by TestNG on the JUnit platform. */
public final class JobsTckTest extends FlowPublisherVerification<Job<byte[]>> {
  private final ExecutorService wire = Executors.newSingleThreadExecutor();

  public JobsTckTest() {
    super(new TestEnvironment(1000, 50), 1000);
  }

  @AfterClass
  void stop() {
    wire.shutdown();
  }

  @Override
  public Flow.Publisher<Job<byte[]>> createFlowPublisher(long elements) {
    return jobs(client(elements));
  }

  @Override
  public Flow.Publisher<Job<byte[]>> createFailedFlowPublisher() {
    Tributary client = client(0);
    Flow.Publisher<Job<byte[]>> jobs = jobs(client);
    client.close();
    return jobs;
  }

  private static Flow.Publisher<Job<byte[]>> jobs(Tributary client) {
    return client.queue("tck").jobs();
  }

  private Tributary client(long elements) {
    FakeTransport transport = new FakeTransport();
    transport.queues = new FinitePushQueue(transport, elements);
    return transport.client(ClientConfig.builder("fake").build());
  }

  /** A queue that pushes so many jobs and then ends, so that the rules about completion can be checked. */
  private final class FinitePushQueue extends FakeQueue implements PushQueueTransport {
    private final long elements;

    FinitePushQueue(FakeTransport transport, long elements) {
      super(transport);
      this.elements = elements;
    }

    @Override
    public Source open(ResourceName queue, Duration lease, SourceObserver<LeasedJob> observer) {
      return new CountingSource<>(observer, number -> job("job-" + number), elements, wire);
    }
  }
}
