/**
 * A PDF made for tests, with a correct cross-reference table. Each page shows large words and a filled square.
 * @param extra further objects' text, put into the catalogue dictionary (`/OpenAction …`)
 */
export function pdfFixture(
  pages: readonly { words: string; rgb: readonly [number, number, number]; sizePt?: readonly [number, number] }[],
  extra = '',
): Buffer {
  const objects: string[] = []
  const add = (body: string) => objects.push(body)
  const kids = pages.map((_, index) => `${4 + index * 2} 0 R`).join(' ')
  add(`<< /Type /Catalog /Pages 2 0 R ${extra} >>`)
  add(`<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`)
  add('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold >>')
  pages.forEach(({ words, rgb, sizePt: [width, height] = [595, 842] }, index) => {
    const drawing = `${rgb.join(' ')} rg 100 100 200 200 re f 0 g BT /F1 40 Tf 80 ${height - 120} Td (${words}) Tj ET`
    add(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${width} ${height}] /Resources << /Font << /F1 3 0 R >> >> ` +
        `/Contents ${5 + index * 2} 0 R >>`,
    )
    add(`<< /Length ${drawing.length} >>\nstream\n${drawing}\nendstream`)
  })
  let file = '%PDF-1.4\n'
  const offsets = objects.map((body, index) => {
    const at = file.length
    file += `${index + 1} 0 obj\n${body}\nendobj\n`
    return at
  })
  const xref = file.length
  file += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`
  for (const at of offsets) file += `${String(at).padStart(10, '0')} 00000 n \n`
  file += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${xref}\n%%EOF\n`
  return Buffer.from(file, 'latin1')
}
