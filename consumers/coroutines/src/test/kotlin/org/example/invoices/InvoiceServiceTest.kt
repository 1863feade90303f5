package org.example.invoices

import dev.tributary.kotlin.Tributary
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

class InvoiceServiceTest {
  @Test
  fun sendsAnInvoiceForAnOrder() = runBlocking {
    Tributary.connect("memory:invoices").use { tributary ->
      val sent = CompletableDeferred<String>()
      tributary.stream<String>("orders").publish("order 42")
      val service = launch { InvoiceService(tributary) { sent.complete(it) }.run() }

      assertEquals("invoice for order 42", withTimeout(20.seconds) { sent.await() })
      service.cancelAndJoin()
    }
  }

  @Test
  fun takesOneJobOfMany() = runBlocking {
    Tributary.connect("memory:jobs").use { tributary ->
      val mails = tributary.queue<String>("mails")
      repeat(3) { mails.enqueue("mail $it") }

      assertEquals("mail 0", withTimeout(20.seconds) { mails.jobs().first() }.value)
    }
  }
}
