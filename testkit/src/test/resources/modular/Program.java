package program;

import dev.tributary.Capability;
import dev.tributary.Tributary;
import dev.tributary.admin.QueueConfig;
import dev.tributary.codec.json.JsonCodec;
import dev.tributary.config.ClientConfig;
import dev.tributary.queue.Job;
import dev.tributary.testkit.server.EmbeddedServer;

/** Jobs in JSON, over the engine in memory and over sockets. */
public final class Program {
  public record Mail(String to, int copies) {}

  public static void main(String[] arguments) throws Exception {
    try (Tributary tributary = Tributary.connect("memory:?memory.private=true")) {
      System.out.println("memory " + sent(tributary));
    }
    try (EmbeddedServer server = EmbeddedServer.of(arguments[0]).start();
        Tributary tributary = Tributary.connect(ClientConfig.parse(server.uri()))) {
      System.out.println(arguments[0] + " " + sent(tributary));
    }
  }

  private static Mail sent(Tributary tributary) {
    if (tributary.capabilities().contains(Capability.CREATE_RESOURCES)) {
      tributary.admin().ensureQueue("mails", QueueConfig.DEFAULT).join();
    }
    var mails = tributary.queue("mails", JsonCodec.of(Mail.class));
    mails.enqueue(new Mail("ada", 2)).join();
    Job<Mail> job = mails.reserve().join().orElseThrow();
    job.ack().join();
    return job.value();
  }
}
