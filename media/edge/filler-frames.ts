// Made by scripts/assets/filler-frames.ts; not to be changed by hand.

/** Frames of 20 ms, base64: silence, and the waiting beep. */
export const FILLER_FRAMES = {
  G722: {
    silence:
      '9fX4+vre+Pj19fj62fj6+vXz3vje+Pj18fvc3vX4+vP03/vf89/29Pv73Pbc+Pb79t/y3dz4+Pbc9Pjf+Pj4+/j1+tz19fv68/vc+Pje8/bf9vv43/j23Pb2+N/4+Pre7/bd3/T53/L7+9/0+d/0+fj7+/j73/T4+Pj63vX49fj63vX49fje9fr19frc+vj1+Pr63vP6+Pje897z+Pv43A==',
    tone: [
      '+t53srK6tK3n5uhprfL9l9HNzc7Rldt7te/t7Kzt8PV725jUkdLU1dqf+HTxr+/x8bT3X96Y1NOV1Vfd/vt2srBusvJ3+9/e19eV1FTXn/359fHx77P1dfqe3dfX1dTVmdz++bTw7/Tu9/j3297Y09mTW5qe/bjz9vDutXO7/f/a19jR1pnY27b+9O+3ca/9857921rU1JTXvtn8dvaz8g==',
      '8rN489p6mNXY1NTa3dz89fXyc7Wx9fq+3NnZ1ZVXndmf975z9O968Pa9+9rc1tnU1p7c3Pq48fL18rV1ut3e3JTV2NXe37/98/vw8PT2+v/93NXa2JTa/tn59/zv+/RwuLy52d2Z2NTc2b/f9Pm19PH489r1397Z2tmdW7ua9Lf9s/j09f/c/9za3ZVcnvud9bn18vn3fPj9mNf5lVncnA==',
      '/PG+/O308nz8+t++1ZZc1p//2ve7+vDuvnL7/Xi+0b9YlFja3/be9fX07vm199/129vf2tTa3v7etXu4rfO98bn73Ztf/lDUm/ndn/f97/Z29fOf85X9XtqV2tr7mH21drhu/bBz2/Xe3FqbWZhY3fr++vTz+K3499912/yY1JX+V/ie/PO6dvCxefb+3fze19vXnVr/nPmx9vju9fT23Q==',
      '33aU177Rnf5Yn+9bsPH2+PD8eZ7dmN3WWdne/br+t3bw79+y+9/31dndmFXdmvj4uvt28K37n/H9fpVZ3drX3Nm6evm39/Px9Xn737nZ2ZVY2Jv9X7a8c/fx83q4tV7e3NVZ2Zb/3F319vmw7rxw9tp32Jb51dXb+tn33Lf17rzx+Paee5b/2dfbntt5v3yxtnby9nr33J782lbZVd693Q==',
      'vfX08XTy9rj1nl/e29jT39/+mXiytvf28PD32H6+3ZnT3Fhbudy/8LNfbLF5+Pqa+FzS39nX95Rf79708vjv3rf+3/vV1Nrc1t/dvfX23+3z+vX5/n6am77T3pjZ+vq99PTw8LX89v6d3Nfe1tnY3fy2//X07vb3//V8vpO92NaZ2dz6uv738u+59fj1/phXuNbYkvrc+9708bTx9viy3w==',
      '/N7a3NWVXJr73bn2tXDw9PX5fLvW3pvZ0/za+5x5tfHz+LDz2/NY2brW19+aX/if9fa47/r18139+5Xc2pdd2Zr33vW09PHx+/r33f7Z2tva1t7e+bvf8O/48Pb99PpUnJuc1Nae+t74+LTu9/iw+Pn/lt+8VJJennudf/by8vP/8/r5Xtub/NSSf5p6v3+47HL48v309tbe/9TX3tf4/w==',
      '3Lnw9O//9PP//lyXtpTS3p7+3/rer/f1sXe/9f2aftfa2tef/J548/7y8vWz//36W/6V1Zja3d5+vfG09PDye/j2md+f2lbY1f7euPv69e2z+vf889ja39zR3dja9p65tPTw79vv3fn/2le3kJic3bx1nXb18PH6/7d+n15Zldve2Nr5+rhy+/Rrm/D53d391dzU1/mdXbj0tPG39/X0+Q==',
      'Xdnfv9Oc03fY+57z/Kz09vv499u7U53ZV5zW/bh4+ff38fC13/fZ+tzT39zV/f7ctPL/8fL4897/fZ6bmtP/mt7///iu//K0cLX+2btavlLY1vrb+Z9y9/f18bT23d/62drX2djc3vr8s7ix8vf489p5nZiY15t+lV90uHb587N089r3XZ//09la3p5fu/r0cvf18LX8/P5Wf5bXndb//w==',
      'X/K59K/48fVf+P2X+9HX/9nbt1vxs/627//0+Vyc3pxU1pt72N+2+fTvfvP1t965WdxamdXa33vbtff6sW/e8ffd/51X+pTS/tyf9l62dK56tHb5+1qfftTUl3x+mn/58fP587jvXP7Z+1iX2Naf+Vv5uvZy8rf5dPad237YltlW/pze9/zzde+98fm5ftjYnVjTvtZ737X7+O708fj4+g==',
      '/liZ292T35zbdPfes/P0r915953d25lW3df72Lz08v1x87jxvd962Nia2tbe3f7+t/rx8vXz/vn6XJe60prZ2/ucX/Cx+rTv/vT3WFyf35nT3t3fuPrf7/fz9/j09dpfnZnY1Jf4/tq1erXuuPP88l171Z6d2dRX+b5f9bt5rG/a8ny2Xt7W39vb2pxdtvv59fDwct63nvbWXdXc1vyZ/g==',
      '/LP/8/mu+vfc/PzeVpnW3Zv8nfr3tXTu+vX1+tu52NjVmVjcnP+59PVydPCznfn93Vna1tiY2/j+/va17/jxuPX8/9Xe3NPe2Nb0ut7y+/Lw8P/6/32fnZDV3p/e2vu39fP78rH1/P2b99TW2Nf62/6c9PHz/vL08fxdmrmc1NGd3vnbuv7x8PC4dvm0/ZjX+Nfb197fs1i397Xv+/zyfw==',
      '/tqb/tWXXdm++97ytvXx89/w+tmffpTX3Zb8/d72+PK0797w+Lpbvtbel9vb/9vz2++47/3ws9753pxemdTW/pzeePe69O+9cfbeetyY3deaWtza997zufP39PC3Wbvb+phSnFjc/H6e7/zx8/v39918n9rclNTa+tu3XbXuuvby+3j2Vr3fmdTWXP7e/Pe79O32+LLe99v+197V2Njf+Q==',
      '/Lf79u/29/v991qdmZba2pza+fv6tPH18LPc9969XJbW3Zb+2V/x+PjvvO30/Lz52d3Z1df82d39uXSyuvGw9Ln/2/ZY1NTXt9iX9He98ff67/789lq+3NKf3tb837r4893u8/r1+9r22liYlp3e2rz5+PG48vWye718v1mbWdL+WJr33Pjt+vXw9PX83r5antbW2Z/9X/i2+Oyx+PL89w==',
      'XVyW+5GaWpxed5x29vCvf/jxfZ/+0nvXmFb/nfh49//u8vf7/LbfftSV25/a2l73uvX29u959Pi/3Z/cU96W2/mb+PV79Kxy/7X5+lyY13zWmNZ8ufl88/rutPT4+F/61duc0t7+1fjz2bDvne75/bdcmf7X3tecV/Wf9r118fD0+fv//N/a2NTY2r9bt92y8bSwcXn2v93d2lzU0/uY3A==',
      '+fi18/vz9fLe+lu52ZXVndv5mvxy+LP4sXL73fqeX97S2ZxZ/p37d/e0bvf79/6/3lrZ19vbndv2//e47vSw9931+tVdmdffm9m+/rd59XCw8t/y3f1e2JXc1dq8Xvq59rZw7/7589q52tZ+1te71rv6+nf187Xyvvteulbd1pvc13vbtHX5te75dLT+3f1anNTU2Xze//64sO159fTy3g==',
      'vtb72dVUmv36mfr18vN6tPC32r/bfNvW1Jr4/dz/8/bw8fv69flbnpyT/NaYXfvesfj1sO/c8/7/fpnY2NSX+NzY+fK58/iv+/f//9zc193U1N772rX6+O3y/PD23vhdl7uS2tyX+fjf9LP67/q2+PbZ3dzZ2NTX9tq6frmy8bX2uvb8f9e92NSV3V38vPj19O9587v5utv+2NTX/tTc3g==',
      '9bf59vHx8v79+X+YmJP/1p3Z//r0tPTx8rb6+968XZbX3JTb+F759vmv9rTw+f/9XNe50taf3t363vK28vTwtfn72/nb2dPe2v3buvzx9fP68PLf+V+fv5OY1p972Nz0sPX0tHL2/P3d3t7W1Nb83v6b8PTy+PDy+vx6mJ2+kdWdW/rbuXf47vX39vW7XZza39uV1F77nvn49K1y/PL59w==',
      '2v2YWNac1Nu22/V2v/Cs+fn4efzd1dmc1dnd3bd9tvis8ff+ePVfntiT/NtX/9yf7bvfa/+x9H/cutle2JLeftid+HWy+3js8b372vl/VpbZ2b7ZXvf6tXH0sfX6fbtY3dqY0n+Xdtr4tfV07v3zvvp+253aV9yT91e0e/z28LF2/ff+/92X31vYlNv1vfx2ue908921+PtT/NjYlt7b9Q==',
      'Xrj1tPDv2vL4+9q+VZ/b2df4n3af9PDw9Pb+93+e29+X3NP52/qf8vq07/v3uPXe393Z193V3d/3m3CyvO+69rb+W7VY1drZ2vyc2/H3ffGy97n2nH/9Wteb2dnf/131tPWy9PJ49tz+2ZzX3dLf/967+7nu9fO489/1m1+d1dTan/1dn3CxebJ29fF92rzf3lbT3/uX+Px47/r38rb5+A==',
      'nVv6ltdclN73WLr19vL1+PL8+d1avtmW25zb9pr2d/rztfb4t1v4ntla3NTe+5m4c9vv+fX099q0332a2dic3V/637P++K999vn8+l2a+tWb/Fv63rr59vb2uPNftd7+3NyWfN2d3vi4dvy0cvj4t1n33Nr62tv4/tq1+vzzn/H33/j2mni92r/+mvde+fj49/z3vfj7Xbveut763fj33w==',
    ],
  },
  opus: {
    // One CELT frame that says "nothing", 20 ms, one channel.
    silence: '+P/+',
    tone: [
      'CwGACfeiUTtWFEZmkB2Z4ak2Eihk7D7uypYulxwPVGT/WdF7J+NovNCPMTK6L5xbguRA4tEKwOxyAuMN',
      'C0EFmKUAxjfeI/SHqGqN5SJutSy7Q8rPvA1w4ENlYHmqGpJ8rBo1l6epHzKuGvLoy/VNmkE0SAAAAAAA',
      'C0EWmIHwdQxyFqm1t0LXkxflZhGlz58kZaT4zT97MMZY6XNeK8AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
      'C0ETmIHwdQxyFqm1vpkbrXQbn/w0NjA1SEUauDIC8i0QQsvkIjIp5twAAAAAAAAAAAAAAAAAAAAAAAAA',
      'C0EVmIHwdQxyFqm1YcEIzayY5x2V7j68/v8jsUlE21eI7R7+6gkLAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
      'C0ETmIHwdQxyFqm1YUgQheuaQe0qIlX2krhdPZDbDpueXgOF1Kx7xDYAAAAAAAAAAAAAAAAAAAAAAAAA',
      'C0EWmIHwdQxyFqm1uibKNrtXi+eRrqLhFJtoE/HchAwNw9SgmIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
      'C0EXmIHwdQxyFqm1mORThn+iU+m5iVuzhbtkwpLDbFvzi7PvgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
      'C0EUmIHwdQxyFqm1nPgfNGL6urabkbbrIZhwtzVJts+39aeHpvqE+AAAAAAAAAAAAAAAAAAAAAAAAAAA',
      'C0EUmIHwdQxyFqm1nWCAI1SF67iyE8Svl5Gf5T5z9QZODecR4nXBOAAAAAAAAAAAAAAAAAAAAAAAAAAA',
      'C0EamIHwdQxyFqm1tsen+lENsEzBc0HhmhKyKqQqbkYr3AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
      'C0EUmIHwdQxowyi8IBn36KTQeYjcU84jewM0sOq8uqeAsABeBsefXgAAAAAAAAAAAAAAAAAAAAAAAAAA',
      'C0EVmIHwdQxowy7Odrw9oXvrV7AnLZWt6ZwYTy5Kos5lHWfJmRiAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
      'C0EbmIHwdQxyFrG1vfJA+aXNJ2zrrfkzq6Cz0nN+TwVDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
      'C0EYmIHwdQxyFrG139ohqlriU/jR8RTRH3GKuDYLB3+yC5fhAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
      'C0EXmIHwdQxyFqm1elaaElH0MXZnfI/lXTpGTjVGvFHR4B3XxAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
      'C0EYmIHwdQxowyi8Gs8Tx7Zq8uZ8Iv/VD+Srao364uDLDLzwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
      'C0EamIHwdQxowyi8SIErn6ctfDYB+EIgF1xqrWoLCk9AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
      'C0EVmIHwdQx+Rnrb9NeTF5LRcXdOQ/fa4lWx916CkDrhOrZH6HLFAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
      'CwEBkS2W0Cou0F24Y0DOdqfjndRhFhFhgz9pGgJvYioV+sQ1CsjfhQ/Y4FCP0+LyCIk44N+Rj8ChAUQ/',
      'C0EUAGhViZuOPKp8jpYfFhAeuwQ9DAwxCPjaa8sYWDZAx06m/bPxUAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    ],
  },
} as const
